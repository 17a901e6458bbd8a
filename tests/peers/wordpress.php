<?php
// Sets WordPress up without its installation pages, and prints what a program needs to publish: an application password.
[, $root, $url] = $argv;
$_SERVER['HTTP_HOST'] = parse_url($url, PHP_URL_HOST) . ':' . parse_url($url, PHP_URL_PORT);
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define('WP_INSTALLING', true);
require $root . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Nhịp Sông', 'toasoan', 'toasoan@nhip-song.example', true, '', 'a password of tests');
update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
update_option('timezone_string', 'Asia/Ho_Chi_Minh');
update_option('posts_per_rss', 20);
wp_delete_post(1, true);
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'tests']);
echo "\n", $password, "\n";
