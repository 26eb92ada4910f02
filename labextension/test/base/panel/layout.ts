/**
 * A layout for jsdom, which has none: without heights a virtual list would draw no row.
 */

const ROW_PX = 26;

/** Give every element a size, for as long as the tests of a file run. */
export function mockLayout(height = 600, width = 300): void {
  const define = (name: string, value: (element: HTMLElement) => number): void => {
    Object.defineProperty(HTMLElement.prototype, name, {
      configurable: true,
      get(this: HTMLElement) {
        return value(this);
      }
    });
  };
  const heightOf = (element: HTMLElement): number =>
    element.getAttribute('role') === 'row' ? ROW_PX : height;
  define('clientHeight', heightOf);
  define('offsetHeight', heightOf);
  define('clientWidth', () => width);
  define('offsetWidth', () => width);
  Element.prototype.scrollTo = jest.fn();
}
