module.exports = require("yandex-market-chats");
