/**
 * The icons of a profile: one per type of column, one per level of alert.
 */
import { LabIcon } from '@jupyterlab/ui-components';

import type { ColumnType, Level } from '../schemas';

const frame = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${shapes}</svg>`;

const lines = (shapes: string): string =>
  frame(
    `<g fill="none"><g class="jp-icon3" stroke="#616161" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round">${shapes}</g></g>`
  );

const icon = (name: string, svgstr: string): LabIcon =>
  new LabIcon({ name: `orrery:eda-${name}`, svgstr });

const CALENDAR =
  '<rect x="2.2" y="3.2" width="11.6" height="10.3" rx="1"/><path d="M2.5 6.5h11M5.3 1.8v2.5M10.7 1.8v2.5"/>';

/** The icon of each type. */
export const typeIcons: Readonly<Record<ColumnType, LabIcon>> = {
  boolean: icon(
    'boolean',
    lines(
      '<rect x="1.5" y="4.5" width="13" height="7" rx="3.5"/><circle cx="11" cy="8" r="1.6"/>'
    )
  ),
  integer: icon(
    'integer',
    lines('<path d="M6.3 2.7 5 13.3M11 2.7 9.7 13.3M2.9 6h10.6M2.5 10h10.6"/>')
  ),
  float: icon(
    'float',
    lines(
      '<path d="m2.2 5 2.1-1.5v9M7 12.4h.1"/><ellipse cx="11.5" cy="8" rx="2.3" ry="4.5"/>'
    )
  ),
  decimal: icon(
    'decimal',
    lines(
      '<path d="m2.2 4 2.1-1.5v7.5M7 9.9h.1M2 13.5h12"/><ellipse cx="11.5" cy="6.3" rx="2.3" ry="3.8"/>'
    )
  ),
  text: icon(
    'text',
    lines(
      '<path d="m1.5 12.5 3.3-9 3.3 9M2.7 9.4h4.2M14 7.8v4.7"/><circle cx="11.7" cy="10.2" r="2.3"/>'
    )
  ),
  category: icon(
    'category',
    lines(
      '<circle cx="3.2" cy="4" r="1.2"/><circle cx="3.2" cy="8" r="1.2"/><circle cx="3.2" cy="12" r="1.2"/><path d="M7 4h7M7 8h5M7 12h3"/>'
    )
  ),
  datetime: icon('datetime', lines(`${CALENDAR}<path d="M8 8.3v2l1.5.9"/>`)),
  date: icon('date', lines(CALENDAR)),
  time: icon(
    'time',
    lines('<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.3 1.6"/>')
  ),
  duration: icon(
    'duration',
    lines(
      '<path d="M4 2h8M4 14h8M4.8 2.2c0 3.3 3.2 3.5 3.2 5.8s-3.2 2.5-3.2 5.8M11.2 2.2c0 3.3-3.2 3.5-3.2 5.8s3.2 2.5 3.2 5.8"/>'
    )
  ),
  binary: icon(
    'binary',
    lines('<ellipse cx="5" cy="8" rx="2.3" ry="4.5"/><path d="m10 5 2-1.5v9"/>')
  ),
  nested: icon(
    'nested',
    lines(
      '<path d="M6 2.5c-2 0-2.2.8-2.2 2.3S3.5 8 2 8c1.5 0 1.8 1.7 1.8 3.2S4 13.5 6 13.5M10 2.5c2 0 2.2.8 2.2 2.3S12.5 8 14 8c-1.5 0-1.8 1.7-1.8 3.2s-.2 2.3-2.2 2.3"/>'
    )
  ),
  null: icon(
    'null',
    lines('<circle cx="8" cy="8" r="5.5"/><path d="m4.2 11.8 7.6-7.6"/>')
  ),
  mixed: icon(
    'mixed',
    lines(
      '<circle cx="5.8" cy="6" r="3.8"/><rect x="7" y="7" width="7" height="6.5" rx=".8"/>'
    )
  )
};

/** The icon of each level; its colour is the style sheet's. */
export const levelIcons: Readonly<Record<Level, LabIcon>> = {
  serious: icon(
    'serious',
    frame(
      '<path fill="#616161" d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2zM7.3 4.2v5h1.4v-5zm0 6.2v1.5h1.4v-1.5z"/>'
    )
  ),
  warning: icon(
    'warning',
    frame(
      '<path fill="#616161" d="M8 1.5 15.2 14H.8zM7.3 6v4h1.4V6zm0 5v1.5h1.4V11z"/>'
    )
  ),
  info: icon(
    'info',
    frame(
      '<path fill="#616161" fill-rule="evenodd" d="M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M7.3 7v4.5h1.4V7zm0-2.8v1.5h1.4V4.2z"/>'
    )
  )
};

/** Two of the same beside each other. */
export const compareIcon = icon(
  'compare',
  lines(
    '<rect x="1.7" y="3" width="5" height="10" rx=".8"/><rect x="9.3" y="3" width="5" height="10" rx=".8"/>'
  )
);

/** A list of promises that were kept. */
export const checksIcon = icon(
  'checks',
  lines(
    '<path d="m1.8 4.2 1.4 1.4 2.6-2.9M1.8 11l1.4 1.4 2.6-2.9M8.5 4.5h5.7M8.5 11.5h5.7"/>'
  )
);

/** A page with a chart. */
export const reportIcon = icon(
  'report',
  lines(
    '<rect x="2.7" y="1.7" width="10.6" height="12.6" rx="1"/><path d="M5.5 11.5v-2M8 11.5v-6M10.5 11.5V8"/>'
  )
);
