"""Paints the chart from its view model. What is shown is decided in `gui.chart.model`.

No mouse, no keys and no clock may enter. Begin with `picture`, which paints layer by layer;
`plot_layout` finds a place for each label; `pyqtgraph_adapter` is the one file that knows
pyqtgraph. Speed counts here: a frame has 4 ms (`make bench`).
"""
