// @ts-check
import { strictEqual } from "node:assert/strict"
import { local, say, speak, whole } from "../../../assets/live/kit/words.js"

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

Deno.test("a text that Python writes too has its values as they are given, and numbers as the language groups them", () => {
  const text = () => [say("{n} of {m:.1f}", { n: whole(1000), m: "2.0" }), local("1,234,567.8 of 10, 20,30")].join("|")
  strictEqual(text(), "1,000 of 2.0|1,234,567.8 of 10, 20,30")
  speak({ "{n} of {m:.1f}": "{m:.1f}: {n}" })
  strictEqual(text(), "2.0: 1\u202f000|1\u202f234\u202f567.8 of 10, 20,30")
  speak(null)
})
