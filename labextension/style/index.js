import './base.css';
import './projects.css';
