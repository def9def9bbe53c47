"""Colours, fonts and sizes: one palette, one style sheet, one size of text for all of the window.

`palette` names every colour and knows no Qt; `style` dresses the application in it,
`text_scale` fits sizes to the text, `theme_manager` follows preferences and system. No colour is
written anywhere else. Begin with `palette`.
"""
