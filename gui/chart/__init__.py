"""The spread chart: quotes, prints and orders of one symbol around now.

`model` is what it shows, without Qt; `painting` paints that; here are the widgets: `chart` puts
header, canvas and table together, `surface` says when to paint, `canvas` is mouse and keys,
`updates` feeds it. It asks nobody anything, and no engine may enter. Begin with
`model.view_model`, then `surface`.
"""
