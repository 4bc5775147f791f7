// Components are tested as people see them: with the tokens and fonts of the app.
import '../src/app.css';
