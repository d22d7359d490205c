import nock from "nock";
import { checkClient, origin, path } from "./checks.mjs";

nock.disableNetConnect();
await checkClient((responses) => {
  for (const response of responses) {
    const request = nock(origin).post(path).query(true);
    if (response === "network error") {
      request.replyWithError("the connection was reset");
    } else {
      request.reply(response.status, response.body ?? {}, response.headers);
    }
  }
});
