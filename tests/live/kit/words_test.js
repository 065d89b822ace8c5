// @ts-check
import { strictEqual } from "node:assert/strict"
import { say, speak, whole } from "../../../assets/live/kit/words.js"

Deno.test("English stands in the code, another language is found by it", () => {
  const sentence = () => [say("Play"), say`Step ${3} of ${"ten"}`, say("{share} % off", { share: 7 }), whole(12345)].join("|")
  strictEqual(sentence(), "Play|Step 3 of ten|7 % off|12,345")
  speak({ Play: "Abspielen", "Step {0} of {1}": "Von {1} Schritt {0}" })
  strictEqual(sentence(), "Abspielen|Von ten Schritt 3|7 % off|12\u202f345")
  speak(null)
  strictEqual(sentence(), "Play|Step 3 of ten|7 % off|12,345")
})

Deno.test("what a value has in braces stays as it is", () => {
  strictEqual(say`Model: ${"{0} {name}"}`, "Model: {0} {name}")
})
