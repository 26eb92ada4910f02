/**
 * What is known of the panel before it is loaded.
 */

/** The id of the panel of profiles. */
export const PANEL_ID = 'orrery-eda';
