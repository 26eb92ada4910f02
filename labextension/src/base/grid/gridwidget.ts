/**
 * Rows of data on a canvas: only what is in sight is drawn, however many there are.
 */
import {
  BasicKeyHandler,
  BasicMouseHandler,
  BasicSelectionModel,
  DataGrid,
  DataModel,
  RendererMap,
  TextRenderer,
  type CellRenderer
} from '@lumino/datagrid';

import type { IGridTheme } from './theme';

/** What a cell may hold. */
export type GridValue = string | number | boolean | null;

/** A table as it is shown. */
export interface IGridTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly GridValue[])[];
}

/** How cells and headers are written. */
export interface IGridText {
  value(value: GridValue): string;
  column(name: string): string;
}

/** A cell, or a whole column if the row is null. */
export interface IGridSelection {
  row: number | null;
  column: number;
}

export const ROW_PX = 24;
const NARROWEST_PX = 48;
const WIDEST_PX = 260;
const PADDING_PX = 24;
const ROW_NUMBER_PX = 44;
// Of longer tables the width of a column is that of its first rows.
const MEASURED_ROWS = 50;

/** The keys of a grid, without Tab: that would go from cell to cell, and never let go of the focus. */
class KeyHandler extends BasicKeyHandler {
  override onKeyDown(grid: DataGrid, event: KeyboardEvent): void {
    if (event.key !== 'Tab') {
      super.onKeyDown(grid, event);
    }
  }
}

class TableModel extends DataModel {
  constructor(private readonly table: IGridTable) {
    super();
  }

  override rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this.table.rows.length : 1;
  }

  override columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.table.columns.length : 1;
  }

  override data(region: DataModel.CellRegion, row: number, column: number): GridValue {
    switch (region) {
      case 'body':
        return this.table.rows[row][column] ?? null;
      case 'column-header':
        return this.table.columns[column];
      case 'row-header':
        return row + 1;
      default:
        return '';
    }
  }
}

/** A grid with a cursor that moves by keyboard, and copies what is selected. */
export class GridWidget extends DataGrid {
  constructor(table: IGridTable, text: IGridText, theme: IGridTheme) {
    super({
      defaultSizes: {
        rowHeight: ROW_PX,
        columnWidth: NARROWEST_PX,
        rowHeaderWidth: ROW_NUMBER_PX,
        columnHeaderHeight: ROW_PX
      },
      copyConfig: {
        separator: '\t',
        headers: 'none',
        format: ({ value }) => (value === null ? '' : String(value)),
        warningThreshold: 1e6
      }
    });
    this._table = table;
    this._text = text;
    const dataModel = new TableModel(table);
    this.dataModel = dataModel;
    this.keyHandler = new KeyHandler();
    this.mouseHandler = new BasicMouseHandler();
    this.selectionModel = new BasicSelectionModel({ dataModel, selectionMode: 'cell' });
    this.applyTheme(theme);
  }

  /** The cell of the cursor, or the column if all of it is selected; null if nothing is. */
  get selection(): IGridSelection | null {
    const selected = this.selectionModel?.currentSelection() ?? null;
    if (!selected) {
      return null;
    }
    const last = this._table.rows.length - 1;
    const isColumn = selected.r1 !== selected.r2 || last < 0;
    const isWhole = Math.min(selected.r1, selected.r2) === 0 && isColumn;
    return {
      row: isWhole ? null : this.selectionModel!.cursorRow,
      column: this.selectionModel!.cursorColumn
    };
  }

  /** Put the cursor on the first cell, unless something is selected. */
  start(): void {
    if (!this.selection && this._table.columns.length) {
      this.selectionModel?.select({
        r1: 0,
        c1: 0,
        r2: 0,
        c2: 0,
        cursorRow: 0,
        cursorColumn: 0,
        clear: 'all'
      });
    }
  }

  /** Draw with the colours and the font of a theme. */
  applyTheme(theme: IGridTheme): void {
    this.style = {
      voidColor: theme.background,
      backgroundColor: theme.background,
      gridLineColor: theme.line,
      headerBackgroundColor: theme.headerBackground,
      headerGridLineColor: theme.headerLine,
      selectionFillColor: theme.selection,
      selectionBorderColor: theme.border,
      cursorFillColor: theme.selection,
      cursorBorderColor: theme.border,
      headerSelectionFillColor: theme.selection,
      headerSelectionBorderColor: theme.border,
      scrollShadow: {
        size: 6,
        color1: 'transparent',
        color2: 'transparent',
        color3: 'transparent'
      }
    };
    const renderer = new TextRenderer({
      font: theme.font,
      textColor: config => (isQuiet(config) ? theme.quietText : theme.text),
      horizontalAlignment: config =>
        typeof config.value === 'number' ? 'right' : 'left',
      format: config => this._write(config)
    });
    this.cellRenderers = new RendererMap({}, renderer);
    this._fit(theme.font);
  }

  private _write({ region, value }: CellRenderer.CellConfig): string {
    switch (region) {
      case 'body':
        return this._text.value(value as GridValue);
      case 'column-header':
        return this._text.column(String(value));
      default:
        return String(value);
    }
  }

  /** Make each column as wide as its texts, within limits. */
  private _fit(font: string): void {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) {
      return;
    }
    canvas.font = font;
    const { columns, rows } = this._table;
    columns.forEach((name, column) => {
      const texts = rows
        .slice(0, MEASURED_ROWS)
        .map(row => this._text.value(row[column] ?? null));
      const widths = [this._text.column(name), ...texts].map(
        text => canvas.measureText(text).width + PADDING_PX
      );
      const width = Math.min(WIDEST_PX, Math.max(NARROWEST_PX, ...widths));
      this.resizeColumn('body', column, Math.ceil(width));
    });
  }

  private readonly _table: IGridTable;
  private readonly _text: IGridText;
}

function isQuiet({ region, value }: CellRenderer.CellConfig): boolean {
  return region !== 'body' || value === null;
}
