// The npm package `@alpacahq/alpaca-trade-api`, unmodified. Its REST hosts are fixed unless the
// generated classes are given a base path, which their own constructor takes.

import { createRequire } from "node:module";

const [url, folder] = process.argv.slice(2);
const { trading, marketData, streaming } = createRequire(`${folder}/`)(
  "@alpacahq/alpaca-trade-api",
);
const credentials = {
  keyId: process.env.APCA_API_KEY_ID,
  secret: process.env.APCA_API_SECRET_KEY,
};
const ws = url.replace("http", "ws");
const t = new trading.Configuration({ ...credentials, basePath: url });
const m = new marketData.Configuration({ ...credentials, basePath: url });
const say = (call, ok, why) => console.log(JSON.stringify({ call, ok, why: String(why) }));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function call(name, work) {
  try {
    const answer = await work();
    say(name, true, "");
    return answer;
  } catch (error) {
    const body = error.response ? await error.response.text().catch(() => "") : "";
    say(name, false, `${error.name}: ${error.message} ${body}`.slice(0, 300));
    return undefined;
  }
}

const told = new Set();
let quotes = 0;
const updates = new streaming.TradingStream({ credentials, url: `${ws}/stream` });
updates.onTradeUpdate((update) => told.add(update.event));
updates.onConnect(() => updates.subscribeTradeUpdates());
updates.onError((why) => say("stream error", false, why));
updates.connect();
const stocks = new streaming.StockDataStream({ credentials, feed: "sip", url: `${ws}/v2/sip` });
stocks.onQuote(() => (quotes += 1));
stocks.onConnect(() => stocks.subscribeForQuotes(["UVXY"]));
stocks.onError((why) => say("stream error", false, why));
stocks.connect();
await pause(1500);

const day = (text) => new Date(`${text}T00:00:00Z`);
const accounts = new trading.AccountsApi(t);
const settings = new trading.AccountConfigurationsApi(t);
const activities = new trading.AccountActivitiesApi(t);
const assets = new trading.AssetsApi(t);
const orders = new trading.OrdersApi(t);
const positions = new trading.PositionsApi(t);
const lists = new trading.WatchlistsApi(t);
const stock = new marketData.StockApi(m);

await call("getAccount", () => accounts.getAccount());
await call("getAccountConfig", () => settings.getAccountConfig());
await call("patchAccountConfig", () =>
  settings.patchAccountConfig({ accountConfigurations: { tradeConfirmEmail: "none" } }),
);
await call("clock", () => new trading.ClockApi(t).clock({ markets: "NYSE" }));
await call("legacyClock", () => new trading.ClockApi(t).legacyClock());
await call("calendar", () =>
  new trading.CalendarApi(t).calendar({
    market: "NYSE", start: day("2026-11-20"), end: day("2026-12-04"),
  }),
);
await call("legacyCalendar", () =>
  new trading.CalendarApi(t).legacyCalendar({ start: day("2026-11-20"), end: day("2026-12-04") }),
);
await call("getV2Assets", () => assets.getV2Assets({ status: "active" }));
await call("getV2AssetsSymbolOrAssetId", () =>
  assets.getV2AssetsSymbolOrAssetId({ symbolOrAssetId: "UVXY" }),
);
await call("getAllOpenPositions", () => positions.getAllOpenPositions());
await call("getOpenPosition", () => positions.getOpenPosition({ symbolOrAssetId: "UVXY" }));
const sell = { symbol: "UVXY", qty: "10", side: "sell", timeInForce: "day" };
const made = await call("postOrder limit", () =>
  orders.postOrder({ postOrderRequest: { ...sell, type: "limit", limitPrice: "99" } }),
);
if (made) {
  await call("getOrderByOrderID", () => orders.getOrderByOrderID({ orderId: made.id }));
  await call("getOrderByClientOrderId", () =>
    orders.getOrderByClientOrderId({ clientOrderId: made.clientOrderId }),
  );
  await pause(300);
  const next = await call("patchOrderByOrderId", () =>
    orders.patchOrderByOrderId({ orderId: made.id, patchOrderRequest: { limitPrice: "98" } }),
  );
  await pause(300);
  await call("deleteOrderByOrderID", () =>
    orders.deleteOrderByOrderID({ orderId: (next ?? made).id }),
  );
}
await call("postOrder market", () =>
  orders.postOrder({ postOrderRequest: { ...sell, type: "market" } }),
);
await call("getAllOrders", () => orders.getAllOrders({ status: "all", limit: 10 }));
await call("deleteOpenPosition", () =>
  positions.deleteOpenPosition({ symbolOrAssetId: "UVXY", qty: 1 }),
);
await pause(500);
await call("deleteAllOrders", () => orders.deleteAllOrders());
await call("getAccountActivities", () => activities.getAccountActivities({ pageSize: 10 }));
await call("getAccountActivitiesByActivityType", () =>
  activities.getAccountActivitiesByActivityType({ activityType: "FILL" }),
);
await call("getAccountPortfolioHistory", () =>
  new trading.PortfolioHistoryApi(t).getAccountPortfolioHistory({
    period: "1D", timeframe: "1Min",
  }),
);
const list = await call("postWatchlist", () =>
  lists.postWatchlist({ createWatchlistRequest: { name: "npm", symbols: ["UVXY"] } }),
);
await call("getWatchlists", () => lists.getWatchlists());
if (list) {
  await call("getWatchlistByName", () => lists.getWatchlistByName({ name: "npm" }));
  await call("addAssetToWatchlist", () =>
    lists.addAssetToWatchlist({
      watchlistId: list.id, addAssetToWatchlistRequest: { symbol: "IBM" },
    }),
  );
  await call("removeAssetFromWatchlist", () =>
    lists.removeAssetFromWatchlist({ watchlistId: list.id, symbol: "IBM" }),
  );
  await call("deleteWatchlistById", () => lists.deleteWatchlistById({ watchlistId: list.id }));
}
const sip = { symbols: "UVXY", feed: "sip" };
await call("stockLatestQuotes", () => stock.stockLatestQuotes(sip));
await call("stockLatestTrades", () => stock.stockLatestTrades(sip));
await call("stockLatestBars", () => stock.stockLatestBars(sip));
await call("stockSnapshots", () => stock.stockSnapshots(sip));
await call("stockQuotes", () => stock.stockQuotes({ ...sip, limit: 5 }));
await call("stockTrades", () => stock.stockTrades({ ...sip, limit: 5 }));
await call("stockBars", () => stock.stockBars({ ...sip, timeframe: "1Min", limit: 5 }));
const wanted = ["new", "fill", "canceled"];
for (let waited = 0; waited < 100 && !(quotes && wanted.every((e) => told.has(e))); waited += 1) {
  await pause(100);
}
say("stream of orders", wanted.every((e) => told.has(e)), `told ${[...told].sort()}`);
say("stream of quotes", quotes > 0, `${quotes} quotes`);
process.exit(0);
