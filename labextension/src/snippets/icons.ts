/**
 * The icons of the snippets.
 */
import {
  codeIcon,
  html5Icon,
  jsonIcon,
  juliaIcon,
  LabIcon,
  markdownIcon,
  pythonIcon,
  rKernelIcon,
  terminalIcon,
  textEditorIcon,
  yamlIcon
} from '@jupyterlab/ui-components';

const frame = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${shapes}</svg>`;

/** The panel's icon: braces around an insertion point. */
export const snippetsIcon = new LabIcon({
  name: 'orrery:snippets',
  svgstr: frame(
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
      '<path d="M8 4H7a3 3 0 0 0-3 3v2.5A1.5 1.5 0 0 1 2.5 11v2A1.5 1.5 0 0 1 4 14.500V17a3 3 0 0 0 3 3h1v-2H7a1 1 0 0 1-1-1v-2.500c0-.99-.41-1.880-1.070-2.500A3.490 3.490 0 0 0 6 9.500V7a1 1 0 0 1 1-1h1z"/>' +
      '<path d="M16 4h1a3 3 0 0 1 3 3v2.500a1.500 1.500 0 0 0 1.500 1.500v2a1.500 1.500 0 0 0-1.500 1.500V17a3 3 0 0 1-3 3h-1v-2h1a1 1 0 0 0 1-1v-2.500c0-.99.41-1.880 1.070-2.500A3.490 3.490 0 0 1 18 9.500V7a1 1 0 0 0-1-1h-1z"/>' +
      '<path d="M11 8h2v8h-2z"/></g>'
  )
});

/** A favourite. */
export const starIcon = new LabIcon({
  name: 'orrery:snippets-star',
  svgstr: frame(
    '<path class="jp-icon-warn0" fill="#f57c00" d="M12 17.270 18.180 21l-1.640-7.030L22 9.240l-7.190-.61L12 2 9.190 8.630 2 9.240l5.460 4.730L5.820 21z"/>'
  )
});

/** Not a favourite. */
export const starEmptyIcon = new LabIcon({
  name: 'orrery:snippets-star-empty',
  svgstr: frame(
    '<path class="jp-icon3" fill="#616161" d="m22 9.240-7.190-.62L12 2 9.190 8.630 2 9.240l5.460 4.730L5.820 21 12 17.270 18.180 21l-1.630-7.030zM12 15.400l-3.760 2.270 1-4.280-3.320-2.880 4.380-.38L12 6.100l1.710 4.040 4.380.38-3.320 2.880 1 4.280z"/>'
  )
});

/** Put it where the cursor is. */
export const insertIcon = new LabIcon({
  name: 'orrery:snippets-insert',
  svgstr: frame(
    '<path class="jp-icon3" fill="#616161" d="M3 5h2v14H3zm17 6h-8.170l3.580-3.590L14 6l-6 6 6 6 1.410-1.410L11.830 13H20z"/>'
  )
});

/** Several snippets in a box of their own. */
export const libraryIcon = new LabIcon({
  name: 'orrery:snippets-library',
  svgstr: frame(
    '<path class="jp-icon3" fill="#616161" d="M4 6H2v14a2 2 0 0 0 2 2h14v-2H4zm16-4H8a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V4a2 2 0 0 0-2-2m0 14H8V4h12zM10 9h8v2h-8zm0-3h8v2h-8zm0 6h5v2h-5z"/>'
  )
});

const databaseIcon = new LabIcon({
  name: 'orrery:snippets-sql',
  svgstr: frame(
    '<path class="jp-icon3" fill="#616161" d="M12 3c-4.420 0-8 1.340-8 3v12c0 1.660 3.580 3 8 3s8-1.340 8-3V6c0-1.660-3.580-3-8-3m6 15c0 .3-2.130 1.300-6 1.300S6 18.300 6 18v-2.200c1.470.76 3.600 1.200 6 1.200s4.530-.44 6-1.200zm0-5c-.3.500-2.400 1.300-6 1.300S6.300 13.500 6 13v-2.200c1.470.76 3.600 1.200 6 1.200s4.530-.44 6-1.200zm-6-3.300C8.100 9.700 6 8.600 6 8.300V8.100c1.470.58 3.600.9 6 .9s4.530-.32 6-.9v.2c0 .3-2.100 1.400-6 1.400"/>'
  )
});

const BY_LANGUAGE: Record<string, LabIcon> = {
  bash: terminalIcon,
  html: html5Icon,
  ipython: pythonIcon,
  json: jsonIcon,
  julia: juliaIcon,
  markdown: markdownIcon,
  python: pythonIcon,
  r: rKernelIcon,
  shell: terminalIcon,
  sql: databaseIcon,
  text: textEditorIcon,
  yaml: yamlIcon
};

/** The icon of a language. */
export function languageIcon(language: string): LabIcon {
  return BY_LANGUAGE[language] ?? codeIcon;
}
