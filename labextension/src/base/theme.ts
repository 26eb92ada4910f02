/**
 * Changes of the lab's theme.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

// A theme's style sheet may come after its name.
const SETTLE_MS = 100;

/** Call back when the lab's theme has changed. */
export function watchTheme(onChange: () => void): IDisposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const observer = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
  });
  observer.observe(document.body, {
    attributeFilter: ['data-jp-theme-name', 'data-jp-theme-light']
  });
  return new DisposableDelegate(() => {
    observer.disconnect();
    clearTimeout(timer);
  });
}
