/**
 * The icons of data.
 */
import { fileIcon, folderIcon, LabIcon } from '@jupyterlab/ui-components';

import type { Entry, EntryKind, Location } from './schemas';

const lines = (name: string, shapes: string): LabIcon =>
  new LabIcon({
    name: `orrery:${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g fill="none"><g class="jp-icon3" stroke="#616161" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round">${shapes}</g></g></svg>`
  });

const CYLINDER =
  '<ellipse cx="8" cy="3.8" rx="5.3" ry="2"/><path d="M2.7 3.8v8.4c0 1.1 2.4 2 5.3 2s5.3-.9 5.3-2V3.8M2.7 8c0 1.1 2.4 2 5.3 2s5.3-.9 5.3-2"/>';

/** Data: a tree over disks. */
export const dataIcon = new LabIcon({
  name: 'orrery:data',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3 jp-icon-selectable" fill="#616161"><path d="M8 1C4.700 1 2 2.100 2 3.500v9C2 13.900 4.700 15 8 15s6-1.100 6-2.500v-9C14 2.100 11.300 1 8 1zm0 1.300c2.700 0 4.600.8 4.600 1.200S10.700 4.700 8 4.700s-4.600-.8-4.600-1.200S5.300 2.300 8 2.300zm4.600 10.100c0 .5-1.900 1.300-4.600 1.300s-4.600-.8-4.600-1.300V9.800c1.100.6 2.800 1 4.600 1s3.500-.4 4.600-1zm0-4.400c0 .5-1.900 1.300-4.600 1.300S3.400 8.500 3.400 8V5.200c1.100.5 2.800.8 4.600.8s3.500-.3 4.600-.8z"/></g></svg>'
});

const databaseIcon = lines('data-database', CYLINDER);
const bucketIcon = lines(
  'data-bucket',
  '<ellipse cx="8" cy="3.6" rx="5.800" ry="1.800"/><path d="m2.200 3.600 1.700 9.200c.2.800 2 1.400 4.100 1.400s3.900-.6 4.100-1.400l1.700-9.200"/>'
);
const lakeIcon = lines(
  'data-lake',
  '<path d="M1.500 5.200c1.100-1 2.200-1 3.300 0s2.200 1 3.300 0 2.200-1 3.300 0 2.200 1 3.200 0M1.500 8.700c1.100-1 2.200-1 3.300 0s2.200 1 3.300 0 2.200-1 3.300 0 2.200 1 3.200 0M1.500 12.200c1.100-1 2.200-1 3.300 0s2.200 1 3.300 0 2.200-1 3.300 0 2.200 1 3.200 0"/>'
);
const schemaIcon = lines(
  'data-schema',
  '<rect x="2" y="2" width="5" height="5" rx="1"/><rect x="9" y="9" width="5" height="5" rx="1"/><path d="M4.500 7v4.500H9"/>'
);
const tableIcon = lines(
  'data-table',
  '<rect x="1.700" y="2.700" width="12.600" height="10.600" rx="1"/><path d="M2 6.200h12M2 9.800h12M6.200 6.200v7"/>'
);
const viewIcon = lines(
  'data-view',
  '<path d="M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8z"/><circle cx="8" cy="8" r="2"/>'
);
const columnIcon = lines(
  'data-column',
  '<rect x="5.500" y="2" width="5" height="12" rx="1"/>'
);

/** Nothing to open: a note of the panel. */
export const noteIcon = lines('data-note', '<path d="M5 8h6"/>');
/** Something went wrong. */
export const warningIcon = lines(
  'data-warning',
  '<path d="M8 2.200 14.500 13.500h-13zM8 6.500v3.300M8 11.700v.1"/>'
);
/** A favourite, and something that is none. */
export const starIcon = lines(
  'data-star',
  '<path d="m8 1.800 1.900 4 4.400.6-3.200 3 .8 4.300L8 11.600l-3.900 2.100.8-4.300-3.200-3 4.400-.6z"/>'
);
/** Show the folder as the top of the tree. */
export const enterIcon = lines(
  'data-enter',
  '<path d="M2.500 8h8M7.500 4.700 10.800 8l-3.300 3.300M13.500 2.500v11"/>'
);

const KINDS: Readonly<Record<EntryKind, LabIcon>> = {
  folder: folderIcon,
  file: fileIcon,
  schema: schemaIcon,
  table: tableIcon,
  view: viewIcon,
  materialized_view: viewIcon,
  foreign_table: tableIcon,
  partitioned_table: tableIcon,
  column: columnIcon
};

/** The icon of an entry. */
export function entryIcon({ kind }: Entry): LabIcon {
  return KINDS[kind];
}

/** The icon of a location. */
export function locationIcon({ kind, source }: Location): LabIcon {
  if (kind === 'files' || source === 'folder') {
    return folderIcon;
  }
  return { database: databaseIcon, lake: lakeIcon, store: bucketIcon }[kind];
}
