/** @jest-environment node */
import { codeIsTestedWithoutABackend } from "./trial.js";

codeIsTestedWithoutABackend("undefined");
