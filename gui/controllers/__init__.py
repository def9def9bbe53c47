"""Join widgets and engine: what is clicked to the engine, what is known to widgets.

A controller gets the widgets it works with and connects them itself. It asks the engine over
`gui.state.core_bridge` and hears of every frame that comes back. Nothing is painted here, and
nothing decided about an order. Begin with `desk`, which lists them; a click on Sell is in `ticket`,
a fill on its way to the screen in `order_display`.
"""
