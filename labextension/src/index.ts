import compute from './compute/index';
import data from './data/index';
import eda from './eda/index';
import projects from './projects/index';
import snippets from './snippets/index';

export default [...compute, ...data, ...eda, ...projects, ...snippets];
