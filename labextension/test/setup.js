/**
 * JupyterLab's own models and undo managers use Yjs in ways of which it warns each time.
 */
const { warn } = console;
const KNOWN = [
  'Invalid access: Add Yjs type to a document',
  '[yjs#509] Not same Y.Doc'
];

console.warn = (...args) => {
  if (!KNOWN.some(text => String(args[0]).includes(text))) {
    warn(...args);
  }
};
