const webpack = require("webpack");

webpack({ context: __dirname, entry: "./main.mjs", target: "node", mode: "production" }, (error, stats) => {
  if (error || stats.hasErrors()) {
    throw error ?? new Error(stats.toString());
  }
});
