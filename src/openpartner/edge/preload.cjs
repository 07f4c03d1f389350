// Node before 24 reads no proxy from its environment, and many Node programs bring their own agents.
// Every connection that Node makes ends in net.Socket.connect: there a vendor's host becomes the edge.
"use strict";

const net = require("net");

const edge = JSON.parse(process.env.OPENPARTNER_EDGE || "null");
const connect = net.Socket.prototype.connect;

// The options object within the arguments of connect, and the arguments with another in its place.
function read(args) {
  const first = args[0];
  if (Array.isArray(first)) {
    // As net.connect passes them on: an array that a private symbol marks
    return [first[0], (options) => [Object.assign(first, { 0: options }), ...args.slice(1)]];
  }
  if (first !== null && typeof first === "object") {
    return [first, (options) => [options, ...args.slice(1)]];
  }
  const named = typeof args[1] === "string";
  const options = { port: first, host: named ? args[1] : "localhost" };
  return [options, (changed) => [changed, ...args.slice(named ? 2 : 1)]];
}

function isLoopback(host) {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function connectThroughEdge(...args) {
  const [options, replaced] = read(args);
  const host = String(options.host || "localhost").toLowerCase().replace(/\.$/, "");
  const port = Number(options.port);
  if (options.path || (port !== 443 && port !== 80)) {
    return connect.apply(this, args);
  }
  if (edge.hosts.includes(host)) {
    const at = port === 443 ? edge.tls : edge.plain;
    return connect.apply(this, replaced({ ...options, host: "127.0.0.1", port: at, lookup: undefined }));
  }
  if (edge.refuseOthers && !isLoopback(host)) {
    const refusal = new Error(
      `OpenPartner's sandbox reaches no other host; \`openpartner run --allow-other-hosts -- ...\` allows ${host}`,
    );
    process.nextTick(() => this.destroy(refusal));
    return this;
  }
  return connect.apply(this, args);
}

if (edge) {
  net.Socket.prototype.connect = connectThroughEdge;
}
