import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { checkClient, origin, path } from "./checks.mjs";

const server = setupServer();
server.listen({ onUnhandledRequest: "error" });
await checkClient((responses) => {
  const remaining = [...responses];
  server.use(
    http.post(origin + path, () => {
      const response = remaining.shift();
      return response === "network error" ? HttpResponse.error() : HttpResponse.json(response.body ?? {}, response);
    }),
  );
});
server.close();
