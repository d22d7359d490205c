// Serves the program, and the recipe of the documentation.
import { readChats } from "./read-chats";
import recipe from "./recipe.js";

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname !== "/program") return recipe.fetch(request, env);
    return new Response(await readChats({ apiKey: env.API_KEY, businessId: Number(env.BUSINESS_ID) }));
  },
};
