"""What can be done by key, button and menu: one table, and the keys for it.

`actions` is the table, without Qt; `shortcut_rules` says which key may be given to what,
`shortcuts` carries keys out; `click_guard` and `auto_repeat` keep a press from counting that
nobody meant. What an action does is bound elsewhere: no panel may enter. Begin with `actions`.
"""
