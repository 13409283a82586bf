/** A shell script that makes `tree`: every kind of file, and numbers, names and times that plain tar headers cannot hold. */
export const ODD_TREE = `
mkdir -p tree/dir/sub tree/empty tree/sticky "tree/$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 90))"
head -c 200000 /dev/urandom > tree/dir/big; printf hello > tree/dir/sub/small; : > tree/nothing
ln tree/dir/big tree/hard; ln -s dir/../../outside tree/link; ln -s "/$(printf 'l%.0s' $(seq 150))" tree/long-link
printf x > "tree/$(printf 'n%.0s' $(seq 200))"
printf y > "tree/$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 90))/deep"
printf z > "tree/with space and \\303\\251"
mkfifo tree/fifo; mknod tree/null c 1 3; mknod tree/loop b 7 300
chmod 4755 tree/dir/sub/small; chmod 1777 tree/sticky; chmod 0 tree/nothing; chmod 2750 tree/empty
chown 3000000000:2097152 tree/dir/sub/small; chown -h 12:34 tree/link; chown 33:33 tree/dir
setfattr -n user.mime -v text/plain tree/dir/sub/small; setfattr -n user.of.dir -v 1 tree/dir
setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 tree/dir/big
touch -h -d 2001-02-03T04:05:06.789Z tree/link tree/dir/big tree/nothing; touch -d 1955-11-05T06:00:00Z tree/null
touch -d 1999-12-31T23:59:59Z tree/dir tree/empty
`
