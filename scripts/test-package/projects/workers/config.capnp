# Without compatibility flags, so without the modules of Node. All requests go to the mock server.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      compatibilityDate = "2025-01-01",
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = [
        (name = "API_KEY", fromEnvironment = "API_KEY"),
        (name = "BUSINESS_ID", fromEnvironment = "BUSINESS_ID"),
      ],
      globalOutbound = "market",
    )),
    (name = "market", external = (http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
