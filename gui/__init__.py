"""The window, in Qt. It knows core; core does not know it.

It shows what the engine says and asks it for what a person wants, and decides nothing about
orders. From the ground up: `state` is what the window knows, and the bridge it comes over; `style`,
`actions`, `widgets` and `tables` know no trading; `ticket`, `chart`, `blotter`, `order_detail`,
`dialogs` and `settings` are panels, none of which knows another; `window` says where they stand;
`controllers` join them to the engine; `app` starts and ends it. Begin with `controllers.desk`.
"""
