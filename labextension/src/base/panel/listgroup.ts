/**
 * The lists of one panel, as one run of rows for the keyboard.
 */

/** A list that can take the focus. */
export interface IListHandle {
  readonly node: HTMLElement | null;
  readonly total: number;
  /** Index of the row that the tab key leads to. */
  readonly cursor: number;
  /** Move the focus to a row. */
  go(index: number): void;
}

/** Lists in the order in which they stand in the panel. */
export class ListGroup {
  /** Add a list; returns what takes it out again. */
  add(list: IListHandle): () => void {
    this._lists.add(list);
    return () => this._lists.delete(list);
  }

  /** Move the focus to the current row of the first list that has rows. */
  focus(): void {
    const [first] = this._inOrder();
    first?.go(first.cursor);
  }

  /** Move the focus to the first row of all. */
  goFirst(): void {
    this._inOrder().at(0)?.go(0);
  }

  /** Move the focus to the last row of all. */
  goLast(): void {
    const last = this._inOrder().at(-1);
    last?.go(last.total - 1);
  }

  /** Move the focus over the edge of a list, into the next one or the one before. */
  cross(from: IListHandle, step: 1 | -1): void {
    const lists = this._inOrder();
    const place = lists.indexOf(from);
    // The first list has none before it: -1 would be the last one.
    const next = place + step < 0 ? undefined : lists[place + step];
    next?.go(step > 0 ? 0 : next.total - 1);
  }

  private _inOrder(): IListHandle[] {
    return [...this._lists]
      .filter(list => list.node !== null && list.total > 0)
      .sort((a, b) =>
        a.node!.compareDocumentPosition(b.node!) & Node.DOCUMENT_POSITION_FOLLOWING
          ? -1
          : 1
      );
  }

  private readonly _lists = new Set<IListHandle>();
}
