import { chatContextTypes, chatStatuses, chatTypes } from "../index.js";

/** Formats the values of an option in lines of at most 80 characters. */
function formatValues(values: readonly string[]): string {
  const indent = " ".repeat(24);
  return values
    .join(", ")
    .replace(/(.{1,56})(?: |$)/g, `${indent}$1\n`)
    .trimEnd();
}

const environment = `Environment variables:
  YANDEX_MARKET_API_KEY      API key of the cabinet, with one of the scopes
                             communication, all-methods, all-methods:read-only
  YANDEX_MARKET_BUSINESS_ID  ID of the cabinet (business account)
  YANDEX_MARKET_BASE_URL     another server: sellers in Uzbekistan use
                             https://api.partner.market.yandex.net
  NO_COLOR                   any value disables colors
If none of the first three is set, the command uses sample chats.
`;

/** The help of each command, and of `yandex-market-chats --help`. */
export const help = {
  general: `Lists and reads the customer chats of a Yandex Market store.

Usage: yandex-market-chats [command] [options]

  list           list chats (default); its options also work without its name
  get <chatId>   show one chat
  serve          start a mock server of the API, for tests in any language

  -h, --help     show this help, or the help of a command
  --version      show the version

Examples:
  yandex-market-chats
  yandex-market-chats list --status NEW,WAITING_FOR_PARTNER --sort updated
  yandex-market-chats list --csv > chats.csv
  yandex-market-chats get 4200014 --json
  yandex-market-chats serve --fault-rate 0.1 --activity 30

${environment}`,

  list: `Lists the chats of a cabinet (business account).

Usage: yandex-market-chats [list] [options]

Chats go to stdout, everything else to stderr.

  --status <status>     only chats with one of these statuses:
${formatValues(chatStatuses)}
  --type <type>         only chats of one of these types:
${formatValues(chatTypes)}
  --context <context>   only chats about one of these:
${formatValues(chatContextTypes)}
                        For several values, use a comma or repeat the option.
  --sort updated        most recently updated chats first; receives all chats
                        before it prints the first one
  --limit <number>      maximum number of chats to list (default: all)
  --page-token <token>  resume from this page token, as printed by a failed run;
                        use the same filters and --limit; the limit
                        applies to the resumed listing alone
  --json                one JSON object per line, as the API returned it
  --csv                 CSV with a header (commas, UTF-8), for spreadsheets; a
                        text that would run as a formula starts with '
  --allow-http          allow http for other hosts than localhost; the key is
                        then sent unencrypted
  -h, --help            show this help

On a terminal, the table fits its width and the color of the status shows who
has to act: yellow for the store, cyan for the customer, magenta for Yandex
Market. Times are in the local time zone.

${environment}
Exit codes: 0, 1 after an error, 2 after an invalid argument, 130 after Ctrl-C.
`,

  get: `Shows one chat.

Usage: yandex-market-chats get <chatId> [options]

  --json        the chat as JSON, as the API returned it
  --allow-http  allow http for other hosts than localhost; the key is then sent
                unencrypted
  -h, --help    show this help

${environment}
Exit codes: 0, 1 after an error such as a chat that does not exist, 2 after an
invalid argument.
`,

  serve: `Starts a mock server of the Yandex Market API, for tests in any language.

Usage: yandex-market-chats serve [options]

  --port <port>         port to listen on, 0 for any free port (default: 4010)
  --host <host>         address to listen on; 0.0.0.0 for access from other
                        hosts and containers (default: 127.0.0.1)
  --chats <number>      number of sample chats (default: 50)
  --latency <ms>        delay of each response in milliseconds (default: 0)
  --quota <number>      requests per hour for each operation
                        (default: 10000 for getChats, 1000 for getChat)
  --parallel <number>   maximum number of concurrent requests (default: 4)
  --fault-rate <rate>   share of requests with a temporary fault, from 0 to 1;
                        at most two in a row for the same request (default: 0)
  --activity <number>   changes per minute: new chats, customer replies,
                        finished chats (default: 0)
  --seed <number>       seed of chats, faults and changes (default: 1)
  --api-key <key>       API key that the server accepts
  --business-id <id>    ID of the cabinet (default: 123456)
  -h, --help            show this help

Prints its settings as environment variables, then one line per request: status,
operation, duration, remaining quota. Stops immediately after Ctrl-C.

Endpoints for tests, with the header Api-Key:
  POST   /_market/faults    inject a fault, as queueFault does
  GET    /_market/requests  the received requests
  PUT    /_market/chats     replace the chats: an array, or {"count": 100}
  DELETE /_market           restore chats and quotas, remove faults and requests
`,
};
