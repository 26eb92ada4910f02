import './base.css';
import './projects.css';
import './snippets.css';
