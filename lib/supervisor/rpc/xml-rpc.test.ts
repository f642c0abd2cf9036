import { expect, test } from "playwright/test";
import { decodeResponse, encodeCall } from "./xml-rpc.ts";

test("a call carries strings, numbers, booleans, lists and structures", () => {
  expect(encodeCall("supervisor.startProcess", ["a<b>&c", 3, 1.5, false, [1], { name: "x" }])).toBe(
    '<?xml version="1.0"?><methodCall><methodName>supervisor.startProcess</methodName><params>' +
      "<param><value><string>a&lt;b&gt;&amp;c</string></value></param>" +
      "<param><value><int>3</int></value></param><param><value><double>1.5</double></value></param>" +
      "<param><value><boolean>0</boolean></value></param>" +
      "<param><value><array><data><value><int>1</int></value></data></array></value></param>" +
      "<param><value><struct><member><name>name</name><value><string>x</string></value></member></struct></value></param>" +
      "</params></methodCall>",
  );
});

test("an answer of structures in a list is read, entities and white space included", () => {
  const xml = `<?xml version='1.0'?>
<methodResponse>
<params>
<param>
<value><array><data>
<value><struct>
<member><name>name</name><value><string>a &lt;b&gt; &amp;amp; &#233;</string></value></member>
<member><name>pid</name><value><int>42</int></value></member>
<member><name>up</name><value><boolean>1</boolean></value></member>
<member><name>spawnerr</name><value><string></string></value></member>
<member><name>plain</name><value>untyped</value></member>
<member><name>nothing</name><value><nil/></value></member>
<member><name>none</name><value><array><data>
</data></array></value></member>
</struct></value>
</data></array></value>
</param>
</params>
</methodResponse>`;
  expect(decodeResponse(xml)).toEqual({
    value: [{ name: "a <b> &amp; é", pid: 42, up: true, spawnerr: "", plain: "untyped", nothing: null, none: [] }],
  });
});

test("a log's control characters survive, which an XML parser would refuse", () => {
  const xml =
    "<methodResponse><params><param><value><string>\u001b[31mred\u0000</string></value></param></params></methodResponse>";
  expect(decodeResponse(xml)).toEqual({ value: "\u001b[31mred\u0000" });
});

test("a fault is read as one", () => {
  const xml =
    "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>10</int></value></member>" +
    "<member><name>faultString</name><value><string>BAD_NAME: x</string></value></member></struct></value></fault></methodResponse>";
  expect(decodeResponse(xml)).toEqual({ fault: { code: 10, text: "BAD_NAME: x" } });
});

test("what is no answer is refused", () => {
  for (const text of ["", "<html></html>", "<methodResponse><params><param><value><int>1</value>", "hello"]) {
    expect(() => decodeResponse(text)).toThrow("not an XML-RPC answer");
  }
});
