// Node-RED without its editor: flows only, which have the library that verifies what comes.
const { Webhook } = require('standardwebhooks');

module.exports = {
  uiPort: Number(process.env.NODE_RED_PORT),
  uiHost: '127.0.0.1',
  flowFile: `${__dirname}/flows.json`,
  userDir: process.env.NODE_RED_HOME,
  httpAdminRoot: false,
  functionGlobalContext: { Webhook },
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'info' } },
};
