'use strict';
// Loaded into configurable-http-proxy, which can listen at a port only: for a port whose listening socket the supervisor
// holds, it listens on that socket. ORRERY_LISTENERS is "port=descriptor,...".
const net = require('node:net');

const pairs = (process.env.ORRERY_LISTENERS || '').split(',').filter(Boolean);
const inherited = new Map(pairs.map(pair => pair.split('=').map(Number)));
const { listen } = net.Server.prototype;

net.Server.prototype.listen = function (port, ...rest) {
  const fd = inherited.get(port);
  return fd === undefined ? listen.call(this, port, ...rest) : listen.call(this, { fd });
};
