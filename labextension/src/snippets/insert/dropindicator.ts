/**
 * The line that shows where a dragged snippet would go.
 */

/** A rectangle of the window. */
export interface IBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Draws the line. */
export class DropIndicator {
  /** Draw it over a rectangle of the window, or take it away. */
  show(box: IBox | null): void {
    if (!box) {
      this._node?.remove();
      this._node = null;
      return;
    }
    if (!this._node) {
      this._node = document.createElement('div');
      this._node.className = 'orrery-drop-indicator';
      this._node.setAttribute('aria-hidden', 'true');
      document.body.append(this._node);
    }
    Object.assign(this._node.style, {
      position: 'fixed',
      pointerEvents: 'none',
      zIndex: '10000',
      background: 'var(--jp-brand-color1)',
      left: `${box.left}px`,
      top: `${box.top}px`,
      width: `${box.width}px`,
      height: `${box.height}px`
    });
  }

  private _node: HTMLElement | null = null;
}
