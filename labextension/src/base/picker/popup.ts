/**
 * Something that hangs below a button until the person is done with it.
 */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

const EDGE = 8;

/** A dialog below its anchor; it goes away by Escape, by a click elsewhere, or when the focus leaves it. */
export abstract class Popup extends ReactWidget {
  constructor(
    private readonly _anchor: HTMLElement,
    label: string
  ) {
    super();
    this.addClass('orrery-floating');
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', label);
  }

  /** Show it; what is drawn takes the focus by itself. */
  open(): void {
    this._before = document.activeElement;
    Widget.attach(this, document.body);
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'pointerdown':
        if (!this._contains(event.target)) {
          this.dispose();
        }
        break;
      case 'focusout':
        this._onFocusOut((event as FocusEvent).relatedTarget);
        break;
      case 'keydown':
        if ((event as KeyboardEvent).key === 'Escape') {
          event.stopPropagation();
          event.preventDefault();
          this.leave();
        }
        break;
      case 'resize':
        this._place();
        break;
    }
  }

  /** Close, and give the keyboard back to where it came from. */
  protected leave(then?: () => void): void {
    const before = this._before;
    this.dispose();
    (before instanceof HTMLElement ? before : this._anchor).focus();
    then?.();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    document.addEventListener('pointerdown', this, true);
    window.addEventListener('resize', this);
    this.node.addEventListener('keydown', this);
    this.node.addEventListener('focusout', this);
    this._anchor.setAttribute('aria-expanded', 'true');
    this._place();
  }

  protected override onBeforeDetach(message: Message): void {
    document.removeEventListener('pointerdown', this, true);
    window.removeEventListener('resize', this);
    this.node.removeEventListener('keydown', this);
    this.node.removeEventListener('focusout', this);
    this._anchor.setAttribute('aria-expanded', 'false');
    super.onBeforeDetach(message);
  }

  private _onFocusOut(to: EventTarget | null): void {
    if (to && !this._contains(to)) {
      this.dispose();
    }
  }

  private _contains(target: EventTarget | null): boolean {
    const node = target as Node | null;
    return this.node.contains(node) || this._anchor.contains(node);
  }

  private _place(): void {
    if (!this.isAttached) {
      return;
    }
    const { bottom, left } = this._anchor.getBoundingClientRect();
    const room = document.documentElement.clientWidth - this.node.offsetWidth - EDGE;
    this.node.style.left = `${Math.max(EDGE, Math.min(left, room))}px`;
    this.node.style.top = `${bottom}px`;
  }

  private _before: Element | null = null;
}
