"""Every fact, durable before anything is sent; and the way back from them.

It stores facts and never interprets them: what they come to is the reducer's word. No venue and
no engine may enter. Begin at `file`, which writes, and `recovery`, which gives back the orders;
`writer` is the thread in between, `schema` how it was written in each version, `audit` for people.
"""
