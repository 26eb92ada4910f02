import { Signal } from '@lumino/signaling';

import { reloadOn, type ListState } from '../../../src/base/panel/listsource';

it('loads a list again when it is another one, unless it was never asked for', () => {
  const changed = new Signal<object, null>({});
  const list = {
    state: 'idle' as ListState,
    refresh: jest.fn(() => Promise.resolve())
  };
  reloadOn(changed, list);
  changed.emit(null);
  expect(list.refresh).not.toHaveBeenCalled();
  list.state = 'failed';
  changed.emit(null);
  expect(list.refresh).toHaveBeenCalledTimes(1);
});
