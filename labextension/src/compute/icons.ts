/**
 * The icon of compute.
 */
import { LabIcon } from '@jupyterlab/ui-components';

/** A device with its pins. */
export const computeIcon = new LabIcon({
  name: 'orrery:compute',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
    '<path d="M4 3h8c.6 0 1 .4 1 1v8c0 .6-.4 1-1 1H4c-.6 0-1-.4-1-1V4c0-.6.4-1 1-1zm.2 1.2v7.6h7.600V4.200z"/>' +
    '<path d="M6 6h4v4H6zM5.400 1h1.200v1.400H5.400zm4 0h1.200v1.400H9.400zm-4 12.600h1.200V15H5.400zm4 0h1.200V15H9.400zM1 5.400h1.400v1.200H1zm0 4h1.400v1.200H1zm12.600-4H15v1.200h-1.400zm0 4H15v1.200h-1.400z"/></g></svg>'
});
