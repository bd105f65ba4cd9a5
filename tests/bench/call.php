<?php
// The same call as penstock's, as a PHP script on a web space makes it: passes the body to the provider and the
// answer back, both unchanged. Checks no key and writes no record.
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    echo "post a question\n";
    exit;
}
while (ob_get_level() > 0) {
    ob_end_flush();
}
$call = curl_init('PROVIDER');
curl_setopt_array($call, [
    CURLOPT_POST => true,
    CURLOPT_POSTFIELDS => file_get_contents('php://input'),
    CURLOPT_HTTPHEADER => ['Content-Type: application/json', 'Authorization: Bearer sk-bench', 'Expect:'],
    CURLOPT_HEADERFUNCTION => function ($call, $line) {
        if (preg_match('~^HTTP/[0-9.]+ ([0-9]+)~', $line, $status)) {
            http_response_code((int) $status[1]);
        } elseif (stripos($line, 'Content-Type:') === 0) {
            header(trim($line));
        }
        return strlen($line);
    },
    CURLOPT_WRITEFUNCTION => function ($call, $bytes) {
        echo $bytes;
        flush();
        return strlen($bytes);
    },
]);
if (!curl_exec($call)) {
    http_response_code(502);
}
