/**
 * Where the keyboard goes when what had it goes away.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

const FOCUSABLE = [
  'a[href]',
  'button:not(:disabled, [aria-disabled=true])',
  'input:not(:disabled)',
  'select:not(:disabled)',
  'textarea:not(:disabled)',
  '[tabindex="0"]'
]
  // A row's buttons are reached through the row.
  .map(selector => `${selector}:not([tabindex="-1"])`)
  .join();
/** What takes the keyboard for a while, and should give it back. */
const PASSING = '.lm-Menu, .jp-Dialog';
const TOAST = '.Toastify__toast';

/** What had the focus, and its place among the focusable elements of each element around it. */
interface IPlace {
  element: HTMLElement;
  around: readonly (readonly [HTMLElement, number])[];
}

/**
 * Keep the keyboard in a part of the lab when a row, a field or a button in it goes away.
 *
 * The focus goes to what takes the place of the lost element, or to the nearest that is left; it never falls to the
 * body, where no key leads anywhere. Whoever went elsewhere is left there.
 */
export function keepFocus(container: HTMLElement): IDisposable {
  let last: IPlace | null = null;
  const onFocus = ({ target }: FocusEvent): void => {
    last = placeOf(target as HTMLElement, container);
  };
  const check = (): void => {
    const { activeElement, body } = document;
    // What was disabled keeps the focus for a while, though no key reaches it.
    const isLost = activeElement === body || activeElement === last?.element;
    if (last && !isUsable(last.element) && isLost) {
      nearest(last)?.focus();
    }
  };
  // A dialog that closes gives the focus back to what is no longer there, and a menu gives it to nothing.
  const checkLater = ({ target }: FocusEvent): void => {
    const isPassing = (target as Element).closest(PASSING) !== null;
    setTimeout(() => {
      if (isPassing && last && isUsable(last.element)) {
        focusUnlessElsewhere(last.element);
      }
      check();
    });
  };
  // Whoever points at something else wants to be there, even if that takes no focus.
  const onPointerDown = ({ target }: Event): void => {
    const element = target as Element;
    if (!container.contains(element) && !element.closest(PASSING)) {
      last = null;
    }
  };
  const observer = new MutationObserver(check);
  observer.observe(container, {
    attributeFilter: ['aria-disabled', 'disabled'],
    childList: true,
    subtree: true
  });
  container.addEventListener('focusin', onFocus);
  document.addEventListener('focusout', checkLater);
  document.addEventListener('pointerdown', onPointerDown, true);
  return new DisposableDelegate(() => {
    observer.disconnect();
    container.removeEventListener('focusin', onFocus);
    document.removeEventListener('focusout', checkLater);
    document.removeEventListener('pointerdown', onPointerDown, true);
  });
}

/** Let a field below a node take what is typed in it, as when it is left; it keeps the focus. */
export function finishTyping(node: HTMLElement): void {
  const field = document.activeElement;
  if (field instanceof HTMLInputElement && node.contains(field)) {
    field.blur();
    field.focus();
  }
}

/** Give the focus to an element, unless something else has it by now. */
export function focusUnlessElsewhere(element: Element | null): void {
  if (element instanceof HTMLElement && document.activeElement === document.body) {
    element.focus();
  }
}

/**
 * Remember where the keyboard is.
 *
 * The function that is returned gives it back there, or to the nearest that is left, unless something else has it; a
 * toast, which goes away, is nothing else.
 */
export function rememberFocus(): () => void {
  const { activeElement, body } = document;
  const place =
    activeElement instanceof HTMLElement && activeElement !== body
      ? placeOf(activeElement, body)
      : null;
  return () => {
    const { activeElement: current } = document;
    if (place && (current === body || current?.closest(TOAST))) {
      (isUsable(place.element) ? place.element : nearest(place))?.focus();
    }
  };
}

function placeOf(element: HTMLElement, container: HTMLElement): IPlace {
  const around: [HTMLElement, number][] = [];
  let parent = element.parentElement;
  while (parent && container.contains(parent)) {
    around.push([parent, focusablesIn(parent).indexOf(element)]);
    parent = parent.parentElement;
  }
  return { element, around };
}

/** What is left in the innermost element that is still there and can take the focus. */
function nearest({ around }: IPlace): HTMLElement | undefined {
  for (const [parent, index] of around) {
    const left = parent.isConnected ? focusablesIn(parent) : [];
    if (left.length > 0) {
      return left[Math.min(Math.max(index, 0), left.length - 1)];
    }
  }
  return undefined;
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(':disabled');
}

function focusablesIn(parent: HTMLElement): HTMLElement[] {
  return [...parent.querySelectorAll<HTMLElement>(FOCUSABLE)];
}
