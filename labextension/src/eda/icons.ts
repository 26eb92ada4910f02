/**
 * The icons of auto-EDA.
 */
import { LabIcon } from '@jupyterlab/ui-components';

/** Profiles: a histogram. */
export const edaIcon = new LabIcon({
  name: 'orrery:eda',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">' +
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
    '<path d="M1 14h14v1.2H1zM1.8 9h2.2v4H1.8zm3.4-4h2.2v8H5.2zm3.4-3.6h2.2V13H8.6zM12 7h2.2v6H12z"/></g></svg>'
});

/** A table with rows and columns. */
export const tableIcon = new LabIcon({
  name: 'orrery:table',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">' +
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
    '<path d="M2.5 2h11c.8 0 1.5.7 1.5 1.5v9c0 .8-.7 1.5-1.5 1.5h-11C1.7 14 1 13.3 1 12.5v-9C1 2.7 1.7 2 2.5 2zm-.3 4.2v2h3.6v-2zm4.8 0v2h6.8v-2zM2.2 9.4v3.1c0 .2.1.3.3.3h3.3V9.4zm4.8 0v3.4h6.5c.2 0 .3-.1.3-.3V9.4z"/></g></svg>'
});
