/**
 * What the bundler puts on each script that it fetches later.
 */
declare let __webpack_nonce__: string | undefined;
