"""Recorded days: what a tape is, and a reader for each way in which people have one on disk.

`opening` opens a file and picks the reader by what stands in it, `lookalikes` names what is
no tape. Whatever the file, it becomes one `tape`. Begin at `tape`.
"""
