/**
 * The icons of auto-EDA.
 */
import { fileIcon, LabIcon } from '@jupyterlab/ui-components';

import type { SourceKind, Task } from './schemas';
import { checksIcon, compareIcon, reportIcon } from './view/icons';

export { compareIcon, reportIcon } from './view/icons';

const frame = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${shapes}</svg>`;

const icon = (name: string, shapes: string): LabIcon =>
  new LabIcon({
    name: `orrery:${name}`,
    svgstr: frame(`<g class="jp-icon3 jp-icon-selectable" fill="#616161">${shapes}</g>`)
  });

const lines = (name: string, shapes: string): LabIcon =>
  new LabIcon({
    name: `orrery:${name}`,
    svgstr: frame(
      `<g fill="none"><g class="jp-icon3" stroke="#616161" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round">${shapes}</g></g>`
    )
  });

/** Profiles: a histogram. */
export const edaIcon = icon(
  'eda',
  '<path d="M1 14h14v1.2H1zM1.8 9h2.2v4H1.8zm3.4-4h2.2v8H5.2zm3.4-3.6h2.2V13H8.6zM12 7h2.2v6H12z"/>'
);

/** A table with rows and columns. */
export const tableIcon = lines(
  'eda-table',
  '<rect x="1.7" y="2.7" width="12.6" height="10.6" rx="1"/><path d="M2 6.2h12M2 9.8h12M6.2 6.2v7"/>'
);

/** Look at it. */
export const openIcon = lines(
  'eda-open',
  '<path d="M9.5 2.5h4v4M13.2 2.8 7.8 8.2M11.5 9.5v3.2c0 .5-.4.8-.8.8H3.3c-.5 0-.8-.4-.8-.8V5.3c0-.5.4-.8.8-.8h3.2"/>'
);

const databaseIcon = lines(
  'eda-database',
  '<ellipse cx="8" cy="3.8" rx="5.3" ry="2"/><path d="M2.7 3.8v8.4c0 1.1 2.4 2 5.3 2s5.3-.9 5.3-2V3.8M2.7 8c0 1.1 2.4 2 5.3 2s5.3-.9 5.3-2"/>'
);

const lakeIcon = lines(
  'eda-lake',
  '<path d="M1.5 5.2c1.1-1 2.2-1 3.3 0s2.2 1 3.3 0 2.2-1 3.3 0 2.2 1 3.2 0M1.5 8.700c1.1-1 2.2-1 3.3 0s2.2 1 3.3 0 2.2-1 3.3 0 2.2 1 3.2 0M1.5 12.200c1.1-1 2.2-1 3.3 0s2.2 1 3.3 0 2.2-1 3.3 0 2.2 1 3.2 0"/>'
);

const cloudIcon = lines(
  'eda-cloud',
  '<path d="M4.3 12.700a2.8 2.8 0 0 1-.4-5.6 4.2 4.2 0 0 1 8.2-.6 3.1 3.1 0 0 1-.4 6.200z"/>'
);

/** The icon of each kind of source. */
export const sourceIcons: Readonly<Record<SourceKind, LabIcon>> = {
  file: fileIcon,
  frame: tableIcon,
  lake: lakeIcon,
  table: databaseIcon,
  url: cloudIcon
};

/** The icon of each kind of run. */
export const taskIcons: Readonly<Record<Task, LabIcon>> = {
  profile: edaIcon,
  comparison: compareIcon,
  checks: checksIcon,
  report: reportIcon
};
