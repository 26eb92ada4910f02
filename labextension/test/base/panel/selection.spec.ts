import { Selection } from '../../../src/base/panel/selection';

interface IItem {
  id: string;
  size?: number;
}

describe('Selection', () => {
  const [a, b, c]: IItem[] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  let selection: Selection<IItem>;
  let changes: jest.Mock;

  beforeEach(() => {
    selection = new Selection<IItem>(({ id }) => id);
    changes = jest.fn();
    selection.changed.connect(changes);
  });

  it('holds the items in the order of selecting; the last one is active', () => {
    expect(selection.active).toBeNull();
    selection.set(b);
    selection.toggle(a);
    expect(selection.keys).toEqual(['b', 'a']);
    expect(selection.active).toBe(a);
    selection.toggle(a);
    expect(selection.active).toBe(b);
    selection.extend([a, b, c, b]);
    expect(selection.keys).toEqual(['a', 'c', 'b']);
    expect(selection.has('c')).toBe(true);
    selection.set(null);
    expect(selection.items).toEqual([]);
    expect(changes).toHaveBeenCalledTimes(5);
  });

  it('takes new states of its items, and says so only when one is gone', () => {
    selection.extend([a, b]);
    changes.mockClear();
    selection.renew(id => ({ id, size: 1 }));
    expect(selection.active).toEqual({ id: 'b', size: 1 });
    expect(changes).not.toHaveBeenCalled();
    selection.renew(id => (id === 'a' ? a : undefined));
    expect(selection.items).toEqual([a]);
    expect(changes).toHaveBeenCalledTimes(1);
  });
});
