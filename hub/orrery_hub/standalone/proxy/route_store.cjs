'use strict';
// The routes of configurable-http-proxy in the file ORRERY_ROUTES, so that a proxy that was killed has them from its
// first request on. The interface is that of the proxy's MemoryStore.
const fs = require('node:fs');

const file = process.env.ORRERY_ROUTES;

class RouteStore {
  constructor() {
    this.routes = new Map(load());
  }

  cleanPath(path) {
    const trimmed = path.startsWith('/') ? path : `/${path}`;
    return trimmed.length > 1 && trimmed.endsWith('/') ? trimmed.slice(0, -1) : trimmed;
  }

  async get(path) {
    return this.routes.get(this.cleanPath(path));
  }

  /** The route of the longest prefix that ends at a slash. */
  async getTarget(path) {
    let prefix = `/${path.split('/').filter((part, at, all) => part || (at > 0 && at < all.length - 1)).join('/')}`;
    for (;;) {
      const data = this.routes.get(prefix);
      if (data) return { prefix, data };
      if (prefix === '/') return undefined;
      prefix = prefix.slice(0, prefix.lastIndexOf('/')) || '/';
    }
  }

  async getAll() {
    return Object.fromEntries(this.routes);
  }

  async add(path, data) {
    this.routes.set(this.cleanPath(path), data);
    this.save();
  }

  async update(path, data) {
    Object.assign(this.routes.get(this.cleanPath(path)), data);
  }

  async remove(path) {
    const cleaned = this.cleanPath(path);
    const route = this.routes.get(cleaned);
    this.routes.delete(cleaned);
    this.save();
    return route;
  }

  save() {
    try {
      fs.writeFileSync(`${file}.new`, JSON.stringify([...this.routes]), { mode: 0o600 });
      fs.renameSync(`${file}.new`, file);
    } catch (problem) {
      // The routes hold in this process; JupyterHub adds them again when the next one lacks them.
      console.error(`error: the routes cannot be written to ${file}: ${problem.message}`);
    }
  }
}

function load() {
  if (!fs.existsSync(file)) return [];
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).map(([path, data]) => [
      path,
      { ...data, last_activity: new Date(data.last_activity || 0) }
    ]);
  } catch (problem) {
    console.error(`error: the routes in ${file} cannot be read: ${problem.message}`);
    return [];
  }
}

module.exports = RouteStore;
