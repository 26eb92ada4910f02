/**
 * What a person can set for compute.
 */

/** The settings of compute. */
export interface IComputeSettings {
  /** Whether the hub's notices are shown as notifications. */
  notifications: boolean;
  /** Whether the status bar says what is used and what is left, beside the pool. */
  showUse: boolean;
}

/** The defaults of the settings schema. */
export const DEFAULTS: IComputeSettings = { notifications: true, showUse: true };
