// happy-dom applies the same-origin policy to requests, also to those of tests.
const fetch = { disableSameOriginPolicy: true };

export default { test: { environment: "happy-dom", environmentOptions: { happyDOM: { settings: { fetch } } } } };
