static int one_line(int a)
{
	if(a) {
	    a = 1;
	} else
		a = 2; 
	// no such comment
	return one_line(a,a);
}
