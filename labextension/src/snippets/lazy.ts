/**
 * What is known of the panel before it is loaded.
 */

/** The id of the snippets panel. */
export const PANEL_ID = 'orrery-snippets';
