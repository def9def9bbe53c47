"""Small parts of a window that know nothing of trading.

Panels, dialogs, fields and labels as all of them look and speak. No order, no quote and no panel
may enter; of core only plain names, such as a side or a level. Begin with `panel` and `dialog`.
"""
