/**
 * What other parts of the lab may ask of the data.
 */
import { Token } from '@lumino/coreutils';

/** The id of the side panel, which is known before its code is loaded. */
export const PANEL_ID = 'orrery-data';

/** A place in the tree. */
export interface IDataPlace {
  /** `files`, `lake`, or `connection-` and a number. */
  readonly location: string;
  readonly path: string;
}

/** The tree of data. */
export interface IData {
  /** Show something in the panel. */
  reveal(place: IDataPlace): Promise<void>;
}

/** The token of the data. */
export const IData = new Token<IData>(
  '@orrery/labextension:IData',
  'A service to show data in its tree.'
);
