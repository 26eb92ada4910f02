/**
 * The icons of the whole of Orrery; a capability draws its own beside its widgets.
 */
import { LabIcon } from '@jupyterlab/ui-components';

const frame = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${shapes}</svg>`;

/** Orrery: a sun, a tilted orbit, and a planet on it. */
export const orreryIcon = new LabIcon({
  name: 'orrery:orrery',
  svgstr: frame(
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
      '<circle cx="8" cy="8" r="2.6"/>' +
      '<path d="M8 3.6c3.9 0 7.2 1.9 7.2 4.4S11.9 12.4 8 12.4.8 10.5.8 8 4.1 3.6 8 3.6zm0 1.2C4.6 4.8 2 6.3 2 8s2.6 3.2 6 3.2S14 9.7 14 8s-2.6-3.2-6-3.2z" transform="rotate(-24 8 8)"/>' +
      '<circle cx="12.9" cy="3.7" r="1.9"/></g>'
  )
});

/** A project: a folder that holds an orbit. */
export const projectIcon = new LabIcon({
  name: 'orrery:project',
  svgstr: frame(
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
      '<path d="M2.2 2.5h3.9l1.5 1.6h6.2c.7 0 1.2.5 1.2 1.2v7c0 .7-.5 1.2-1.2 1.2H2.2c-.7 0-1.2-.5-1.2-1.2V3.7c0-.7.5-1.2 1.2-1.2zm.1 1.3v8.4h11.4V5.4H7.1L5.6 3.8z"/>' +
      '<circle cx="8" cy="8.8" r="1.5"/>' +
      '<path d="M8 6c1.9 0 3.4 1.2 3.4 2.8S9.9 11.6 8 11.6 4.6 10.4 4.6 8.8 6.1 6 8 6zm0 .8c-1.5 0-2.6.9-2.6 2s1.1 2 2.6 2 2.6-.9 2.6-2-1.1-2-2.6-2z"/></g>'
  )
});

/** The server does not answer. */
export const offlineIcon = new LabIcon({
  name: 'orrery:offline',
  svgstr: frame(
    '<g class="jp-icon-warn0" fill="#f57c00">' +
      '<path d="M8 1.5l7 12.3H1zm0 2.6L3.2 12.5h9.6zM7.35 6.8h1.3v3h-1.3zm0 3.7h1.3v1.3h-1.3z"/></g>'
  )
});
