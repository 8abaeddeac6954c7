/** @jest-environment ./jest/jsdom-environment.js */
import { codeIsTestedWithoutABackend } from "./trial.js";

codeIsTestedWithoutABackend("object");
